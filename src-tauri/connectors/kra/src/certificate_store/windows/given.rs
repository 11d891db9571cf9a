//! What tests put in: keys and stores that are gone with the process.

use super::*;

impl Store {
    /// What a PKCS#12 file holds, its keys with Windows' own key storage provider and in memory only.
    pub(in super::super) fn of_pfx(pfx: &[u8], password: &str) -> Done<Self> {
        let mut octets = pfx.to_vec();
        let file = sys::CRYPT_INTEGER_BLOB { cbData: length(pfx)?, pbData: octets.as_mut_ptr() };
        let password = wide(password);
        let flags = sys::PKCS12_ALWAYS_CNG_KSP | sys::PKCS12_NO_PERSIST_KEY;
        // SAFETY: the file has the length that is told, the password ends with NUL; both live until the call returns.
        let store = unsafe { sys::PFXImportCertStore(&raw const file, password.as_ptr(), flags) };
        if store.is_null() { Err(last()) } else { Ok(Self(store)) }
    }

    /// A store in memory, with these certificates and no keys.
    pub(in super::super) fn in_memory(certificates: &[&[u8]]) -> Done<Self> {
        // SAFETY: this provider takes no further parameter.
        let store = unsafe { sys::CertOpenStore(sys::CERT_STORE_PROV_MEMORY, 0, 0, 0, ptr::null()) };
        if store.is_null() {
            return Err(last());
        }
        let store = Self(store);
        for der in certificates {
            // SAFETY: the store is open; the certificate has the length that is told; no reference to it is asked for.
            let added = unsafe {
                sys::CertAddEncodedCertificateToStore(
                    store.0,
                    sys::X509_ASN_ENCODING,
                    der.as_ptr(),
                    length(der)?,
                    sys::CERT_STORE_ADD_ALWAYS,
                    ptr::null_mut(),
                )
            };
            if added == 0 {
                return Err(last());
            }
        }
        Ok(store)
    }
}

impl Certificate {
    /// Says in the certificate that its key is kept by a provider of the older library.
    pub(in super::super) fn name_legacy_provider(&self, provider: &str) -> Done<()> {
        let (mut container, mut provider) = (wide("sealwright-no-such-key"), wide(provider));
        let info = sys::CRYPT_KEY_PROV_INFO {
            pwszContainerName: container.as_mut_ptr(),
            pwszProvName: provider.as_mut_ptr(),
            dwProvType: 1,
            dwFlags: 0,
            cProvParam: 0,
            rgProvParam: ptr::null_mut(),
            dwKeySpec: 1,
        };
        // SAFETY: the context is alive; Windows copies the structure and its texts, which live until the call returns.
        let set = unsafe {
            sys::CertSetCertificateContextProperty(
                self.0,
                sys::CERT_KEY_PROV_INFO_PROP_ID,
                0,
                ptr::from_ref(&info).cast(),
            )
        };
        if set == 0 { Err(last()) } else { Ok(()) }
    }
}

impl PrivateKey {
    /// An RSA key of Windows' own provider, made of its parts (`BCRYPT_RSAKEY_BLOB`) and not kept.
    pub(in super::super) fn of_rsa_blob(blob: &[u8]) -> Done<Self> {
        Self::of_blob(sys::BCRYPT_RSAPRIVATE_BLOB, blob)
    }

    /// The same on a curve (`BCRYPT_ECCKEY_BLOB`).
    pub(in super::super) fn of_curve_blob(blob: &[u8]) -> Done<Self> {
        Self::of_blob(sys::BCRYPT_ECCPRIVATE_BLOB, blob)
    }

    fn of_blob(form: PCWSTR, blob: &[u8]) -> Done<Self> {
        let mut provider = 0;
        // SAFETY: the result lives on the stack; the name ends with NUL.
        done(unsafe { sys::NCryptOpenStorageProvider(&raw mut provider, sys::MS_KEY_STORAGE_PROVIDER, 0) })?;
        // The key is closed by the private key; its provider stays open as long as the tests run.
        let key = std::mem::ManuallyDrop::new(Provider(Handle(provider)).import(form, blob)?);
        Ok(Self { handle: key.key.0, ours: true, _certificate: None })
    }

    /// Encrypts to its public half.
    pub(in super::super) fn encrypt(&self, padding: Padding, plain: &[u8]) -> Done<Vec<u8>> {
        let mut oaep =
            sys::BCRYPT_OAEP_PADDING_INFO { pszAlgId: ptr::null(), pbLabel: ptr::null_mut(), cbLabel: 0 };
        let (flag, information) = match padding {
            Padding::None => (sys::NCRYPT_NO_PADDING_FLAG, ptr::null::<c_void>()),
            Padding::Pkcs1 => (sys::NCRYPT_PAD_PKCS1_FLAG, ptr::null()),
            Padding::Oaep(digest) => {
                oaep.pszAlgId = name(digest);
                (sys::NCRYPT_PAD_OAEP_FLAG, ptr::from_ref(&oaep).cast())
            }
        };
        let mut encrypted = vec![0; MOST_OCTETS];
        let (given, room) = (length(plain)?, length(&encrypted)?);
        let mut written = 0;
        // SAFETY: as in `decrypt`.
        done(unsafe {
            sys::NCryptEncrypt(
                self.handle,
                plain.as_ptr(),
                given,
                information,
                encrypted.as_mut_ptr(),
                room,
                &raw mut written,
                flag,
            )
        })?;
        encrypted.truncate(written as usize);
        Ok(encrypted)
    }
}
