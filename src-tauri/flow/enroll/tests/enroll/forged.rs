//! What an enrollment says of itself is believed only as far as directory and template say the same: who may order by hand
//! can write enrollments, and gets neither another's name nor another's key.

use enroll::Progress;
use model::{
    Delivery, DeliveryState, Enrollment, EnrollmentState, Intent, Span, Station, Subscriber, Template,
};
use store::{Job, JobKind, Lease, Store as _};

use crate::intune::Taken;
use crate::world::{World, claim, id, intent, subscriber};

fn stranger(world: &World) -> Subscriber {
    Subscriber {
        id: id(2),
        user_principal_name: "mallory@nordwind.example".to_owned(),
        mail: Some("mallory@nordwind.example".to_owned()),
        ..subscriber(false, world.lease.job.due_at)
    }
}

/// Runs a second enrollment in the world of the first one.
async fn run(
    world: &mut World,
    order: impl AsyncFnOnce(&World, &mut dyn store::Work),
) -> (Progress, Enrollment) {
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set(&stranger(world)).await.unwrap();
    order(world, work.as_mut()).await;
    work.commit().await.unwrap();
    let lease: Lease = claim(&world.store, "worker", world.lease.job.due_at).await;
    let JobKind::Enrollment { enrollment } = lease.job.kind else { panic!("{:?}", lease.job) };
    world.enrollment = enrollment;
    world.lease = lease;
    (world.advance().await, world.enrollment().await)
}

#[tokio::test]
async fn names_that_are_not_the_subscribers_are_never_certified() {
    let mut world = World::new().await;
    let (progress, refused) = run(&mut world, async |world, work| {
        // Susi's names, for Mallory.
        let forged = Intent { subscriber: id(2), ..intent(None) };
        let (ids, now) = (&world.bench.ids, world.lease.job.due_at);
        let upn = "mallory@nordwind.example";
        enroll::start(work, ids, &forged, &world.template, id(30), upn, now).await.unwrap();
    })
    .await;
    assert_eq!((progress, refused.state), (Progress::Finished, EnrollmentState::Rejected));
    assert!(refused.last_error.unwrap().contains("other names"));
    assert_eq!((world.authority.asked().len(), world.intune.sent(), world.inflight().await), (0, 0, 0));
}

#[tokio::test]
async fn what_the_template_does_not_say_is_never_ordered() {
    let change: [fn(&mut Template); 6] = [
        |template| template.validity_days = 30,
        |template| template.archive = false,
        |template| template.key = model::KeyAlgorithm::Rsa2048,
        |template| template.enabled = false,
        |template| template.assignment.include.clear(),
        |template| template.authority = "Another".to_owned(),
    ];
    for change in change {
        let world = World::new().await;
        let mut template = world.template.clone();
        change(&mut template);
        let mut work = world.store.begin().await.unwrap();
        work.templates().set(&template, 1, "susi", world.lease.job.due_at).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(world.advance().await, Progress::Finished);
        let refused = world.enrollment().await;
        assert_eq!(refused.state, EnrollmentState::Rejected, "{refused:?}");
        assert!(refused.last_error.unwrap().ends_with("; nothing was ordered"));
        assert_eq!((world.authority.asked().len(), world.inflight().await), (0, 0));
    }
}

#[tokio::test]
async fn who_writes_an_enrollment_of_his_own_is_not_given_the_key_of_another() {
    let mut world = World::new().await;
    world.intune.will(Taken::Unavailable);
    assert!(matches!(world.advance().await, Progress::Again { failed: true, .. }));
    let certificate = world.certificates().await.remove(0);
    let susis = world.enrollment().await;
    let (progress, forged) = run(&mut world, async |_, work| {
        let forged = Enrollment {
            id: id(77),
            subscriber: id(2),
            user_principal_name: "mallory@nordwind.example".to_owned(),
            station: Station::Archive,
            state: EnrollmentState::Running,
            archive: false,
            certificate: Some(certificate.id),
            last_error: None,
            ..susis
        };
        work.enrollments().add(&forged).await.unwrap();
        let kind = JobKind::Enrollment { enrollment: forged.id };
        let job = Job { id: id(78), kind, due_at: forged.created_at, attempts: 0 };
        work.jobs().add(&job, "enrollment 77").await.unwrap();
    })
    .await;
    assert_eq!((progress, forged.state), (Progress::NeedsPerson, EnrollmentState::Stuck));
    assert!(forged.last_error.unwrap().contains("the certificate of another enrollment"));
    let deliveries = world.store.read().await.unwrap().deliveries().list(certificate.id).await.unwrap();
    assert!(deliveries.iter().all(|delivery| delivery.person == id(1)), "{deliveries:?}");
}

#[tokio::test]
async fn a_delivery_to_somebody_else_is_not_made() {
    let world = World::new().await;
    world.intune.will(Taken::Unavailable);
    assert!(matches!(world.advance().await, Progress::Again { failed: true, .. }));
    let certificate = world.certificates().await.remove(0);
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set(&stranger(&world)).await.unwrap();
    let forged = Delivery {
        id: id(79),
        certificate: certificate.id,
        thumbprint: certificate.thumbprint,
        person: id(2),
        user_principal_name: "mallory@nordwind.example".to_owned(),
        state: DeliveryState::Planned,
        record: None,
        at: world.lease.job.due_at + Span::seconds(1),
    };
    work.deliveries().add_missing(&[forged]).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    assert!(world.enrollment().await.last_error.unwrap().contains("gets no key"));
    assert!(!world.intune.receivers().contains(&"mallory@nordwind.example".to_owned()));
}
