//! Making certificates and revocation lists.
