"""The certificate for machines: Open Badges 3.0 on Verifiable Credentials 2.0, did:web, Bitstring Status List 1.0.

Pure functions over facts and keys: no database and no network. Contexts are files of this repository.
"""
