//! Runs the watch of a source that is not an API server.

use super::delivery::Delivery;
use super::error::Error;
use super::settings::{Resume, Settings};
use crate::kinds::{CRI_CALLS, LIBPOD_CALLS};
use crate::observation::{Watch, WatchId};

/// Runs the watch until fenced. Dropping the future stops it at once, without a fence.
///
/// # Errors
/// An error that the operator must fix, or the receiver of the observations is gone.
pub(crate) async fn run_source(id: WatchId, watch: Watch, settings: Settings, resume: Resume) -> Result<(), Error> {
    let delivery = Delivery::new(id, watch, settings);
    match delivery.watch().resource.group.as_str() {
        #[cfg(target_os = "linux")]
        "cri" => super::cri::run(delivery, resume).await,
        CRI_CALLS => super::proxy::run::<super::cri::Cri>(delivery, resume).await,
        LIBPOD_CALLS => super::proxy::run::<super::podman::Libpod>(delivery, resume).await,
        #[cfg(target_os = "linux")]
        "runc" => super::runc::run(delivery, resume).await,
        "libpod" => super::podman::run(delivery, resume).await,
        #[cfg(target_os = "linux")]
        "mounts" => super::mounts::run(delivery, resume).await,
        #[cfg(target_os = "linux")]
        "uevents" => super::uevents::run(delivery, resume).await,
        _ if cfg!(target_os = "linux") => Err(delivery.refused("this version does not know this source".to_owned())),
        _ => Err(delivery.refused("this needs Linux".to_owned())),
    }
}
