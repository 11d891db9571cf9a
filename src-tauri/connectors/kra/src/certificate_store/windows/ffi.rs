//! Windows' certificate stores (crypt32) and keys (ncrypt) without pointers. In this crate the unsafe
//! code is in this file, and in `given.rs`, which puts keys in for its tests.
//!
//! Each function is one call, with handles that close themselves and lengths that are those of its slices. Nothing is decided
//! here; which calls, with what and why stands in the modules around it.
#![expect(
    unsafe_code,
    reason = "Windows' own libraries are reached by pointers only; every block says why it is sound"
)]

use std::ffi::c_void;
use std::ptr;

use windows_sys::Win32::Security::Cryptography as sys;
use windows_sys::core::{HRESULT, PCWSTR};
use zeroize::Zeroizing;

use super::super::answer::Answer;
use super::super::key::Digest;

type Done<T> = Result<T, Answer>;

fn done(status: HRESULT) -> Done<()> {
    if status == 0 { Ok(()) } else { Err(Answer(status.cast_unsigned())) }
}

/// What the last call of crypt32 left behind: an HRESULT, or a small number of the system's, which becomes one.
fn last() -> Answer {
    let code = std::io::Error::last_os_error().raw_os_error().unwrap_or_default().cast_unsigned();
    Answer(if code < 0x1_0000 { 0x8007_0000 | code } else { code })
}

fn length(octets: &[u8]) -> Done<u32> {
    u32::try_from(octets.len()).map_err(|_| Answer::NTE_BAD_LEN)
}

fn wide(text: &str) -> Zeroizing<Vec<u16>> {
    // Room for all of it, so that it never grows and leaves a copy behind.
    let mut units = Zeroizing::new(Vec::with_capacity(text.len() + 1));
    units.extend(text.encode_utf16());
    units.push(0);
    units
}

/// Which personal store.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    Person,
    Machine,
}

/// An open certificate store.
pub(super) struct Store(sys::HCERTSTORE);

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: the handle is open and closed nowhere else; certificates found in it keep what they need of it.
        unsafe { sys::CertCloseStore(self.0, 0) };
    }
}

impl Store {
    /// Opens a personal store (`My`) to be read.
    pub(super) fn open(whose: Whose) -> Done<Self> {
        let place = match whose {
            Whose::Person => sys::CERT_SYSTEM_STORE_CURRENT_USER,
            Whose::Machine => sys::CERT_SYSTEM_STORE_LOCAL_MACHINE,
        };
        let flags = place | sys::CERT_STORE_READONLY_FLAG | sys::CERT_STORE_OPEN_EXISTING_FLAG;
        let name = wide("My");
        // SAFETY: this provider takes a name that ends with NUL, which lives until the call returns.
        let store =
            unsafe { sys::CertOpenStore(sys::CERT_STORE_PROV_SYSTEM_W, 0, 0, flags, name.as_ptr().cast()) };
        if store.is_null() { Err(last()) } else { Ok(Self(store)) }
    }

    /// The certificate with this SHA-1.
    pub(super) fn find(&self, thumbprint: &[u8; 20]) -> Option<Certificate> {
        let mut octets = *thumbprint;
        let wanted = sys::CRYPT_INTEGER_BLOB { cbData: 20, pbData: octets.as_mut_ptr() };
        let encoding = sys::X509_ASN_ENCODING | sys::PKCS_7_ASN_ENCODING;
        // SAFETY: the store is open; `wanted` and the octets that it points to live until the call returns, which only reads
        // them. There is no previous certificate.
        let found = unsafe {
            sys::CertFindCertificateInStore(
                self.0,
                encoding,
                0,
                sys::CERT_FIND_HASH,
                ptr::from_ref(&wanted).cast(),
                ptr::null(),
            )
        };
        (!found.is_null()).then_some(Certificate(found))
    }

    /// All certificates.
    pub(super) fn certificates(&self) -> Vec<Certificate> {
        let mut all = Vec::new();
        let mut at: *const sys::CERT_CONTEXT = ptr::null();
        loop {
            // SAFETY: the store is open; `at` is null or what this call returned before, which it now takes back.
            at = unsafe { sys::CertEnumCertificatesInStore(self.0, at) };
            if at.is_null() {
                return all;
            }
            // SAFETY: `at` is a certificate; the copy is a reference of its own to it.
            all.push(Certificate(unsafe { sys::CertDuplicateCertificateContext(at) }));
        }
    }
}

/// A certificate in a store, by a reference of its own.
pub(super) struct Certificate(*const sys::CERT_CONTEXT);

// SAFETY: a certificate context is counted by Windows under a lock of its own and used from any thread; nothing here changes it.
unsafe impl Send for Certificate {}

impl Drop for Certificate {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and given back nowhere else.
        unsafe { sys::CertFreeCertificateContext(self.0) };
    }
}

impl Clone for Certificate {
    fn clone(&self) -> Self {
        // SAFETY: the context is alive as long as `self`; the copy counts by itself.
        Self(unsafe { sys::CertDuplicateCertificateContext(self.0) })
    }
}

impl Certificate {
    /// The certificate, DER.
    pub(super) fn der(&self) -> Vec<u8> {
        // SAFETY: the context is alive as long as `self`, and nobody changes it; pointer and length are those of its encoding.
        unsafe {
            let context = &*self.0;
            std::slice::from_raw_parts(context.pbCertEncoded, context.cbCertEncoded as usize).to_vec()
        }
    }

    /// The name of the provider that keeps the private key, and its type: 0 for key storage providers, another number for
    /// those of the older library.
    pub(super) fn provider(&self) -> Option<(String, u32)> {
        let mut size = 0;
        let property = sys::CERT_KEY_PROV_INFO_PROP_ID;
        // SAFETY: without a buffer the call only says how large it has to be.
        let is_there = unsafe {
            sys::CertGetCertificateContextProperty(self.0, property, ptr::null_mut(), &raw mut size)
        };
        if is_there == 0 || (size as usize) < size_of::<sys::CRYPT_KEY_PROV_INFO>() {
            return None;
        }
        // Of words, so that the structure at its beginning is aligned.
        let mut buffer = vec![0_u64; (size as usize).div_ceil(size_of::<u64>())];
        // SAFETY: the buffer has at least `size` octets.
        let read = unsafe {
            sys::CertGetCertificateContextProperty(
                self.0,
                property,
                buffer.as_mut_ptr().cast(),
                &raw mut size,
            )
        };
        if read == 0 {
            return None;
        }
        // SAFETY: the call has filled the buffer with this structure, at its beginning, aligned; its texts lie behind it in the
        // same buffer, which lives until the end of this function, and end with NUL.
        unsafe {
            let info = &*buffer.as_ptr().cast::<sys::CRYPT_KEY_PROV_INFO>();
            Some((text(info.pwszProvName), info.dwProvType))
        }
    }

    /// Finds the private key, by the newer library alone.
    pub(super) fn key(&self, silent: bool) -> Done<PrivateKey> {
        let quiet = if silent { sys::CRYPT_ACQUIRE_SILENT_FLAG } else { 0 };
        let flags = sys::CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG | sys::CRYPT_ACQUIRE_COMPARE_KEY_FLAG | quiet;
        let (mut handle, mut kind, mut ours) = (0, 0, 0);
        // SAFETY: the context is alive; the three results live on the stack; there is no parameter for a window.
        let found = unsafe {
            sys::CryptAcquireCertificatePrivateKey(
                self.0,
                flags,
                ptr::null(),
                &raw mut handle,
                &raw mut kind,
                &raw mut ours,
            )
        };
        if found == 0 {
            return Err(last());
        }
        if kind != sys::CERT_NCRYPT_KEY_SPEC {
            // A handle of the older library, which is not to be used by the newer one, though it was asked for.
            if ours != 0 {
                // SAFETY: the handle is one of the older library's, ours, and closed nowhere else.
                unsafe { sys::CryptReleaseContext(handle, 0) };
            }
            return Err(Answer::NTE_BAD_PROV_TYPE);
        }
        Ok(PrivateKey { handle, ours: ours != 0, _certificate: Some(self.clone()) })
    }
}

/// # Safety
/// Null, or the beginning of a text in UTF-16 that ends with NUL.
unsafe fn text(start: *const u16) -> String {
    if start.is_null() {
        return String::new();
    }
    let mut units = 0;
    // SAFETY: up to its NUL the text may be read, as the caller promises.
    unsafe {
        while *start.add(units) != 0 {
            units += 1;
        }
        String::from_utf16_lossy(std::slice::from_raw_parts(start, units))
    }
}

/// A handle of ncrypt that is ours.
struct Handle(sys::NCRYPT_HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is open, ours, and closed nowhere else.
        unsafe { sys::NCryptFreeObject(self.0) };
    }
}

/// A private key.
pub(super) struct PrivateKey {
    handle: sys::NCRYPT_KEY_HANDLE,
    /// Otherwise it is the certificate's and ends with it.
    ours: bool,
    _certificate: Option<Certificate>,
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        if self.ours {
            drop(Handle(self.handle));
        }
    }
}

/// What is set at a key for its dialogs.
#[derive(Clone, Copy)]
pub(super) enum Text {
    /// What the key is to be used for.
    Purpose,
    /// The PIN.
    Pin,
}

/// How the padding of a decryption is treated.
#[derive(Clone, Copy)]
pub(super) enum Padding {
    None,
    Pkcs1,
    Oaep(Digest),
}

/// How the padding of a signature is made.
#[derive(Clone, Copy)]
pub(super) enum SignaturePadding {
    None,
    Pkcs1(Digest),
    Pss(Digest, u32),
}

const fn quiet(silent: bool) -> sys::NCRYPT_FLAGS {
    if silent { sys::NCRYPT_SILENT_FLAG } else { 0 }
}

const fn name(digest: Digest) -> PCWSTR {
    match digest {
        Digest::Sha1 => sys::BCRYPT_SHA1_ALGORITHM,
        Digest::Sha256 => sys::BCRYPT_SHA256_ALGORITHM,
        Digest::Sha384 => sys::BCRYPT_SHA384_ALGORITHM,
    }
}

/// The largest RSA key that there is has 16384 bits.
const MOST_OCTETS: usize = 2_048;

impl PrivateKey {
    pub(super) fn set(&self, what: Text, value: &str, silent: bool) -> Done<()> {
        let property = match what {
            Text::Purpose => sys::NCRYPT_USE_CONTEXT_PROPERTY,
            Text::Pin => sys::NCRYPT_PIN_PROPERTY,
        };
        let value = wide(value);
        let octets = u32::try_from(value.len() * size_of::<u16>()).map_err(|_| Answer::NTE_BAD_LEN)?;
        // SAFETY: the key is open; the property's name ends with NUL; the value is a text that ends with NUL, of so many octets,
        // and is only read.
        done(unsafe {
            sys::NCryptSetProperty(self.handle, property, value.as_ptr().cast(), octets, quiet(silent))
        })
    }

    pub(super) fn decrypt(
        &self,
        padding: Padding,
        encrypted: &[u8],
        silent: bool,
    ) -> Done<Zeroizing<Vec<u8>>> {
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
        // One buffer that is large enough, since to ask for the length first would ask some cards twice.
        let mut plain = Zeroizing::new(vec![0; MOST_OCTETS]);
        let (given, room) = (length(encrypted)?, length(&plain)?);
        let mut written = 0;
        // SAFETY: the key is open; both buffers have the lengths that are told and do not overlap; the padding's description is
        // the one that the flag wants and lives until the call returns.
        done(unsafe {
            sys::NCryptDecrypt(
                self.handle,
                encrypted.as_ptr(),
                given,
                information,
                plain.as_mut_ptr(),
                room,
                &raw mut written,
                flag | quiet(silent),
            )
        })?;
        plain.truncate(written as usize);
        Ok(plain)
    }

    /// Signs a digest.
    pub(super) fn sign(&self, padding: SignaturePadding, digest: &[u8], silent: bool) -> Done<Vec<u8>> {
        let mut pkcs1 = sys::BCRYPT_PKCS1_PADDING_INFO { pszAlgId: ptr::null() };
        let mut pss = sys::BCRYPT_PSS_PADDING_INFO { pszAlgId: ptr::null(), cbSalt: 0 };
        let (flag, information) = match padding {
            SignaturePadding::None => (0, ptr::null::<c_void>()),
            SignaturePadding::Pkcs1(digest) => {
                pkcs1.pszAlgId = name(digest);
                (sys::BCRYPT_PAD_PKCS1, ptr::from_ref(&pkcs1).cast())
            }
            SignaturePadding::Pss(digest, salt) => {
                pss.pszAlgId = name(digest);
                pss.cbSalt = salt;
                (sys::BCRYPT_PAD_PSS, ptr::from_ref(&pss).cast())
            }
        };
        let mut signature = vec![0; MOST_OCTETS];
        let (given, room) = (length(digest)?, length(&signature)?);
        let mut written = 0;
        // SAFETY: as in `decrypt`.
        done(unsafe {
            sys::NCryptSignHash(
                self.handle,
                information,
                digest.as_ptr(),
                given,
                signature.as_mut_ptr(),
                room,
                &raw mut written,
                flag | quiet(silent),
            )
        })?;
        signature.truncate(written as usize);
        Ok(signature)
    }

    /// Agrees with the public key in `peer` (`BCRYPT_ECCKEY_BLOB`).
    pub(super) fn agree(&self, peer: &[u8], silent: bool) -> Done<Secret> {
        let public = self.provider()?.import(sys::BCRYPT_ECCPUBLIC_BLOB, peer)?;
        let mut secret = 0;
        // SAFETY: both keys are open, and of one provider.
        done(unsafe {
            sys::NCryptSecretAgreement(self.handle, public.key.0, &raw mut secret, quiet(silent))
        })?;
        Ok(Secret(Handle(secret)))
    }

    /// The provider that keeps the key.
    fn provider(&self) -> Done<Provider> {
        let mut provider: sys::NCRYPT_PROV_HANDLE = 0;
        let octets = u32::try_from(size_of_val(&provider)).map_err(|_| Answer::NTE_BAD_LEN)?;
        let mut written = 0;
        // SAFETY: the key is open; the result is a handle of that size, and whoever asks for it has to close it.
        done(unsafe {
            sys::NCryptGetProperty(
                self.handle,
                sys::NCRYPT_PROVIDER_HANDLE_PROPERTY,
                ptr::from_mut(&mut provider).cast(),
                octets,
                &raw mut written,
                0,
            )
        })?;
        Ok(Provider(Handle(provider)))
    }
}

/// A key storage provider.
struct Provider(Handle);

impl Provider {
    /// Imports a key that is not kept.
    fn import(self, form: PCWSTR, blob: &[u8]) -> Done<Imported> {
        let (given, mut key) = (length(blob)?, 0);
        // SAFETY: the provider is open; the form's name ends with NUL; the blob has the length that is told.
        done(unsafe {
            sys::NCryptImportKey(
                self.0.0,
                0,
                form,
                ptr::null(),
                &raw mut key,
                blob.as_ptr(),
                given,
                sys::NCRYPT_SILENT_FLAG,
            )
        })?;
        Ok(Imported { key: Handle(key), _provider: self })
    }
}

/// A key that is not kept, and the provider that it lives in: fields are closed in this order, the key before its provider.
struct Imported {
    key: Handle,
    _provider: Provider,
}

/// What two keys agreed on. It stays with Windows.
pub(super) struct Secret(Handle);

impl Secret {
    /// The digest of the secret followed by `behind`.
    pub(super) fn hash(&self, digest: Digest, behind: &[u8]) -> Done<Zeroizing<Vec<u8>>> {
        let mut behind = behind.to_vec();
        let algorithm = match digest {
            Digest::Sha1 => "SHA1",
            Digest::Sha256 => "SHA256",
            Digest::Sha384 => "SHA384",
        };
        let mut algorithm = wide(algorithm);
        let octets = u32::try_from(algorithm.len() * size_of::<u16>()).map_err(|_| Answer::NTE_BAD_LEN)?;
        let mut parameters = [
            sys::BCryptBuffer {
                cbBuffer: octets,
                BufferType: sys::KDF_HASH_ALGORITHM,
                pvBuffer: algorithm.as_mut_ptr().cast(),
            },
            sys::BCryptBuffer {
                cbBuffer: length(&behind)?,
                BufferType: sys::KDF_SECRET_APPEND,
                pvBuffer: behind.as_mut_ptr().cast(),
            },
        ];
        let list = sys::BCryptBufferDesc {
            ulVersion: sys::BCRYPTBUFFER_VERSION,
            cBuffers: 2,
            pBuffers: parameters.as_mut_ptr(),
        };
        let mut derived = Zeroizing::new(vec![0; LONGEST_DIGEST]);
        let room = length(&derived)?;
        let mut written = 0;
        // SAFETY: the secret is open; list, parameters and what they point to live until the call returns and have the lengths
        // that are told; so does the result.
        done(unsafe {
            sys::NCryptDeriveKey(
                self.0.0,
                sys::BCRYPT_KDF_HASH,
                &raw const list,
                derived.as_mut_ptr(),
                room,
                &raw mut written,
                0,
            )
        })?;
        derived.truncate(written as usize);
        Ok(derived)
    }
}

const LONGEST_DIGEST: usize = 64;

#[cfg(test)]
#[path = "given.rs"]
mod given;
