//! ML-KEM's two operations (FIPS 203), which OpenSSL has and its safe binding has not yet. In this crate only this file says
//! `unsafe`; in the product, besides, the one that speaks with Windows (`ffi.rs`) and its tests' helper (`given.rs`).
//!
//! Every ciphertext of the right length decapsulates: one that was altered, or made for another key, gives a secret that
//! nobody knows (implicit rejection, FIPS 203 section 6.3). Only what the secret unwraps tells the difference.
#![expect(unsafe_code, reason = "the `openssl` crate has no call for key encapsulation yet")]

use std::ptr;

use foreign_types::ForeignType as _;
use openssl::error::ErrorStack;
use openssl::pkey::{PKeyRef, Private, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl_sys as ffi;
use zeroize::Zeroizing;

/// A ciphertext for this key, and the secret in it.
pub(crate) fn encapsulate(key: &PKeyRef<Public>) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), ErrorStack> {
    let context = PkeyCtx::new(key)?;
    // SAFETY: the pointer is that of `context`, which outlives each call below; there are no parameters.
    done(unsafe { ffi::EVP_PKEY_encapsulate_init(context.as_ptr(), ptr::null()) })?;
    let (mut ciphertext_size, mut secret_size) = (0, 0);
    // SAFETY: without buffers the library writes the two lengths and nothing else (EVP_PKEY_encapsulate(3)).
    done(unsafe {
        ffi::EVP_PKEY_encapsulate(
            context.as_ptr(),
            ptr::null_mut(),
            &raw mut ciphertext_size,
            ptr::null_mut(),
            &raw mut secret_size,
        )
    })?;
    let mut ciphertext = vec![0; ciphertext_size];
    let mut secret = Zeroizing::new(vec![0; secret_size]);
    // SAFETY: each buffer is as long as the length beside it says, and outlives the call.
    done(unsafe {
        ffi::EVP_PKEY_encapsulate(
            context.as_ptr(),
            ciphertext.as_mut_ptr(),
            &raw mut ciphertext_size,
            secret.as_mut_ptr(),
            &raw mut secret_size,
        )
    })?;
    ciphertext.truncate(ciphertext_size);
    secret.truncate(secret_size);
    Ok((ciphertext, secret))
}

/// The secret in a ciphertext; another one when it was not made for this key.
pub(crate) fn decapsulate(
    key: &PKeyRef<Private>,
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let context = PkeyCtx::new(key)?;
    // SAFETY: the pointer is that of `context`, which outlives each call below; there are no parameters.
    done(unsafe { ffi::EVP_PKEY_decapsulate_init(context.as_ptr(), ptr::null()) })?;
    let mut size = 0;
    // SAFETY: without a buffer the library writes the length and nothing else; pointer and length of the ciphertext are
    // those of one slice.
    done(unsafe {
        ffi::EVP_PKEY_decapsulate(
            context.as_ptr(),
            ptr::null_mut(),
            &raw mut size,
            ciphertext.as_ptr(),
            ciphertext.len(),
        )
    })?;
    let mut secret = Zeroizing::new(vec![0; size]);
    // SAFETY: the buffer is as long as `size` says, and outlives the call; the ciphertext as before.
    done(unsafe {
        ffi::EVP_PKEY_decapsulate(
            context.as_ptr(),
            secret.as_mut_ptr(),
            &raw mut size,
            ciphertext.as_ptr(),
            ciphertext.len(),
        )
    })?;
    secret.truncate(size);
    Ok(secret)
}

/// These calls give 1, or 0 or a negative number and a cause on the library's stack.
fn done(returned: i32) -> Result<(), ErrorStack> {
    if returned == 1 { Ok(()) } else { Err(ErrorStack::get()) }
}
