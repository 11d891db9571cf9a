//! Wrapped secrets can be opened without this program by whoever has the wrapping key.

use crypto::WrappingKey;

use crate::programs::Bench;

const PURPOSE: &str = "the secret `database-password`";

#[test]
fn bouncy_castle_opens_wrapped_secrets_and_wraps_what_is_opened() {
    let bench = Bench::new();
    let key = WrappingKey::generate().unwrap();
    bench.write("key", key.expose());
    bench.write("other", WrappingKey::generate().unwrap().expose());
    bench.write("purpose", PURPOSE);
    bench.write("another-purpose", "the secret `installation.key`");
    bench.write("wrapped", key.wrap(PURPOSE, b"s3cr3t").unwrap());
    bench.write("secret", b"from elsewhere");
    let answers = bench.bouncy_castle(&[
        "unwrap key purpose wrapped opened".to_owned(),
        "unwrap other purpose wrapped none".to_owned(),
        "unwrap key another-purpose wrapped none".to_owned(),
        "wrap key purpose secret theirs".to_owned(),
    ]);
    assert_eq!((&*answers[0], &*answers[1], &*answers[3]), ("opened", "another key", "wrapped"));
    assert!(answers[2].starts_with("refused") && answers[2].contains("BadTag"), "{answers:?}");
    assert_eq!(bench.read("opened"), b"s3cr3t");
    assert_eq!(&**key.unwrap(PURPOSE, &bench.read("theirs")).unwrap(), b"from elsewhere");
}
