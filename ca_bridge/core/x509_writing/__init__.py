"""What the bridge CA issues, as DER: certificates, CRLs and certs-only CMS, written from values."""
