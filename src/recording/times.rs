//! How times are written into lines and the header.

/// Wall-clock times: RFC 3339, UTC, six digits.
pub(super) mod micros {
    use crate::observation::rfc3339_micros;
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339_micros(*at))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::deserialize(deserializer)
    }
}

/// Times as in [`micros`], for members that may be absent.
pub(super) mod optional_micros {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the member")]
    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::micros::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Option::deserialize(deserializer)
    }
}

/// Times on the monotonic clock since the recording started; negative for earlier ones.
pub(super) mod optional_seconds {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the member")]
    pub(crate) fn serialize<S: Serializer>(micros: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
        match micros {
            Some(micros) => serializer.serialize_f64(*micros as f64 / 1e6),
            None => serializer.serialize_none(),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
        let Some(seconds) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
        if (-1e10..1e10).contains(&seconds) {
            Ok(Some((seconds * 1e6).round() as i64))
        } else {
            Err(D::Error::custom("not a number of seconds"))
        }
    }
}
