//! Bodies of the assistant's commands: they check what was typed and hand it on.

use super::{
    SetupApply, SetupCancel, SetupFinish, SetupFinished, SetupFound, SetupFounded, SetupHost, SetupJoin,
    SetupJoining, SetupMove, SetupPlan, SetupPlanRequest, SetupRoles, SetupRolesRequest, SetupStatus,
    SetupStatusRequest, SetupTest, SetupTested,
};
use crate::installations::fingerprint;
use crate::{ErrorCode, WireError};

pub(crate) async fn setup_status(
    host: &dyn SetupHost,
    _: SetupStatusRequest,
) -> Result<SetupStatus, WireError> {
    host.status().await
}

pub(crate) async fn setup_test(host: &dyn SetupHost, request: SetupTest) -> Result<SetupTested, WireError> {
    request.target.check(request.password.as_ref())?;
    host.test(request.target, request.password).await
}

pub(crate) async fn setup_plan(host: &dyn SetupHost, _: SetupPlanRequest) -> Result<SetupPlan, WireError> {
    host.plan().await
}

pub(crate) async fn setup_apply(host: &dyn SetupHost, _: SetupApply) -> Result<SetupStatus, WireError> {
    host.apply().await?;
    host.status().await
}

pub(crate) async fn setup_roles(host: &dyn SetupHost, _: SetupRolesRequest) -> Result<SetupRoles, WireError> {
    host.roles().await
}

pub(crate) async fn setup_found(
    host: &dyn SetupHost,
    request: SetupFound,
) -> Result<SetupFounded, WireError> {
    let refuse = |text: &str, hint: &str| Err(WireError::new(ErrorCode::Invalid, text, hint));
    if !request.country.is_empty()
        && (request.country.len() != 2 || !request.country.chars().all(|c| c.is_ascii_uppercase()))
    {
        return refuse(
            "the country is a code of two capital letters",
            "type it as DE or AT, or leave it empty",
        );
    }
    if !request.authority.is_empty() && !request.pki_url.starts_with("http://") {
        return refuse(
            "the address of the revocation list does not begin with http://",
            "type an address that devices can reach, such as http://pki.example.com/pki/ca",
        );
    }
    if !request.kra.is_empty() && request.kra_folder.trim().is_empty() {
        return refuse(
            "there is no folder for the recovery agent's key",
            "name one that is not synchronised and not part of the home folder, such as one on a USB stick",
        );
    }
    host.found(request).await
}

pub(crate) async fn setup_join(host: &dyn SetupHost, request: SetupJoin) -> Result<SetupJoining, WireError> {
    host.join(&fingerprint(&request.fleet)?).await
}

pub(crate) async fn setup_move(host: &dyn SetupHost, request: SetupMove) -> Result<SetupStatus, WireError> {
    match request.step.as_str() {
        "begin" => host.begin_move().await?,
        "copy" => host.copy().await?,
        other => {
            return Err(WireError::new(
                ErrorCode::Invalid,
                format!("`{other}` is not a step of a move"),
                "update the console and the program together",
            ));
        }
    }
    host.status().await
}

pub(crate) async fn setup_finish(host: &dyn SetupHost, _: SetupFinish) -> Result<SetupFinished, WireError> {
    host.finish().await
}

pub(crate) async fn setup_cancel(host: &dyn SetupHost, _: SetupCancel) -> Result<SetupStatus, WireError> {
    host.cancel().await?;
    host.status().await
}
