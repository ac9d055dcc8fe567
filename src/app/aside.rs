//! Long work beside the requests. Start at [`aside`].
//!
//! Who publishes can wait for half a second; who reads notices a hundredth. So long work has a thread of its own, to which the
//! system prefers all that answer requests. A thread cannot be raised again without rights, so none is used twice.

use tokio::sync::oneshot;

use super::AppError;

/// How many steps it stands behind the others, of 19: it gets about a tenth of a processor that they want too.
#[cfg(target_os = "linux")]
const STEPS_BEHIND: i32 = 10;

/// Does some work on a thread of its own that stands behind those of requests.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let (give, take) = oneshot::channel();
    let thread = std::thread::Builder::new().name("aside".to_owned()).spawn(move || {
        step_behind();
        // Nobody may wait for it any more.
        let _unwanted = give.send(work());
    });
    thread.map_err(|cause| AppError::BrokeOff(cause.to_string()))?;
    take.await.map_err(|_| AppError::BrokeOff("the log says why".to_owned()))
}

/// Where the system has no such order, or does not give it, the work is done all the same.
fn step_behind() {
    #[cfg(target_os = "linux")]
    let _as_before = rustix::process::nice(STEPS_BEHIND);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_gives_what_it_makes() {
        assert_eq!(aside(|| 6 * 7).await.expect("nothing breaks off"), 42);
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_harms_nobody_else() {
        let broken = aside(|| panic!("on purpose")).await;
        assert!(matches!(broken, Err(AppError::BrokeOff(_))), "{broken:?}");
        assert_eq!(aside(|| 1).await.expect("the next one is done"), 1);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn work_stands_behind_requests() {
        let nice = || rustix::process::nice(0).expect("the system tells");
        let (ours, theirs) = (nice(), aside(nice).await.expect("it runs"));
        assert!(theirs > ours || ours == 19, "{theirs} is not behind {ours}");
    }
}
