//! Who does what the PIV application asks of the system below it: RSA, PINs, large objects and sealed keys are others'
//! work than the core's.

use trussed::Platform;
use trussed::backend::{Backend as _, BackendId};
use trussed::serde_extensions::{ExtensionDispatch, ExtensionId, ExtensionImpl};
use trussed::service::ServiceResources;
use trussed::types::Context;
use trussed_auth::AuthExtension;
use trussed_auth_backend::{AuthBackend, AuthContext, FilesystemLayout};
use trussed_chunked::ChunkedExtension;
use trussed_core::Error;
use trussed_core::api::{Reply, Request, reply, request};
use trussed_core::types::Location;
use trussed_hpke::HpkeExtension;
use trussed_rsa_alloc::SoftwareRsa;
use trussed_staging::{StagingBackend, StagingContext};
use trussed_wrap_key_to_file::WrapKeyToFileExtension;

/// Whoever is asked beside the core.
pub(crate) enum Backend {
    Rsa,
    Pins,
    Staging,
}

/// In this order, until one of them knows what is asked.
pub(crate) const ORDER: &[BackendId<Backend>] = &[
    BackendId::Custom(Backend::Rsa),
    BackendId::Custom(Backend::Pins),
    BackendId::Custom(Backend::Staging),
    BackendId::Core,
];

/// What can be asked beyond the core's requests.
#[derive(Clone, Copy)]
pub(crate) enum Extension {
    Pins,
    Chunks,
    Sealing,
    Wrapping,
}

impl Extension {
    const ALL: [Self; 4] = [Self::Pins, Self::Chunks, Self::Sealing, Self::Wrapping];
}

impl From<Extension> for u8 {
    fn from(extension: Extension) -> Self {
        extension as Self
    }
}

impl TryFrom<u8> for Extension {
    type Error = Error;

    fn try_from(number: u8) -> Result<Self, Error> {
        Self::ALL.get(usize::from(number)).copied().ok_or(Error::RequestNotAvailable)
    }
}

impl ExtensionId<AuthExtension> for Backends {
    type Id = Extension;
    const ID: Extension = Extension::Pins;
}

impl ExtensionId<ChunkedExtension> for Backends {
    type Id = Extension;
    const ID: Extension = Extension::Chunks;
}

impl ExtensionId<HpkeExtension> for Backends {
    type Id = Extension;
    const ID: Extension = Extension::Sealing;
}

impl ExtensionId<WrapKeyToFileExtension> for Backends {
    type Id = Extension;
    const ID: Extension = Extension::Wrapping;
}

pub(crate) struct Backends {
    pins: AuthBackend,
    staging: StagingBackend,
}

impl Default for Backends {
    fn default() -> Self {
        Self {
            pins: AuthBackend::new(Location::Internal, FilesystemLayout::V1),
            staging: StagingBackend::new(),
        }
    }
}

/// What each of them remembers of its one client.
#[derive(Default)]
pub(crate) struct Remembered {
    pins: AuthContext,
    staging: StagingContext,
}

impl ExtensionDispatch for Backends {
    type BackendId = Backend;
    type Context = Remembered;
    type ExtensionId = Extension;

    fn core_request<P: Platform>(
        &mut self,
        backend: &Backend,
        of: &mut Context<Remembered>,
        request: &Request,
        resources: &mut ServiceResources<P>,
    ) -> Result<Reply, Error> {
        match backend {
            Backend::Rsa => SoftwareRsa.request(&mut of.core, &mut (), request, resources),
            Backend::Pins => self.pins.request(&mut of.core, &mut of.backends.pins, request, resources),
            Backend::Staging => {
                self.staging.request(&mut of.core, &mut of.backends.staging, request, resources)
            }
        }
    }

    fn extension_request<P: Platform>(
        &mut self,
        backend: &Backend,
        extension: &Extension,
        of: &mut Context<Remembered>,
        request: &request::SerdeExtension,
        resources: &mut ServiceResources<P>,
    ) -> Result<reply::SerdeExtension, Error> {
        let (core, pins, staging) = (&mut of.core, &mut of.backends.pins, &mut of.backends.staging);
        match (backend, extension) {
            (Backend::Pins, Extension::Pins) => ExtensionImpl::<AuthExtension>::extension_request_serialized(
                &mut self.pins,
                core,
                pins,
                request,
                resources,
            ),
            (Backend::Staging, Extension::Chunks) => {
                ExtensionImpl::<ChunkedExtension>::extension_request_serialized(
                    &mut self.staging,
                    core,
                    staging,
                    request,
                    resources,
                )
            }
            (Backend::Staging, Extension::Sealing) => {
                ExtensionImpl::<HpkeExtension>::extension_request_serialized(
                    &mut self.staging,
                    core,
                    staging,
                    request,
                    resources,
                )
            }
            (Backend::Staging, Extension::Wrapping) => {
                ExtensionImpl::<WrapKeyToFileExtension>::extension_request_serialized(
                    &mut self.staging,
                    core,
                    staging,
                    request,
                    resources,
                )
            }
            _ => Err(Error::RequestNotAvailable),
        }
    }
}
