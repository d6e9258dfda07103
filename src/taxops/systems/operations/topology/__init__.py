"""How a system hangs together (拓扑): its assets by relation, each with the state of what watches it. GX:21-31.

Drawn in layers: the whole above its parts, what depends above what it depends on, what runs above its host.
"""
