"""The composition root: settings, urls, processes. The only place that knows all systems."""
