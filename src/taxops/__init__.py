"""TaxOps: runs a provincial tax bureau's information systems and proves that they were run well."""

__version__ = "0.1.0"
