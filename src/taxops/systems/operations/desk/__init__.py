"""The desk (受理台): questions and faults come in by phone, web, chat, 12366 and 12345, and go to who handles them.

It stands on `platform/casework`: a case is opened once per attempt, a pasted conversation is read and attached,
similar cases and articles are offered while one types. Field engineers work by phone, with or without a net.
GX:405-420, GX:301; JL:59-77, JL:95.
"""
