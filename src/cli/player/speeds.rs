//! The speeds that the keys choose from.

use crate::replay::Speed;

const SPEEDS: [f64; 13] = [0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// The next higher speed.
pub(super) fn faster(speed: Speed) -> Speed {
    match speed {
        Speed::Step => Speed::Times(1.0),
        Speed::Max => Speed::Max,
        Speed::Times(times) => SPEEDS.into_iter().find(|more| *more > times).map_or(Speed::Max, Speed::Times),
    }
}

/// The next lower speed.
pub(super) fn slower(speed: Speed) -> Speed {
    match speed {
        Speed::Step => Speed::Times(1.0),
        Speed::Max => Speed::Times(SPEEDS[SPEEDS.len() - 1]),
        Speed::Times(times) => Speed::Times(SPEEDS.into_iter().rev().find(|less| *less < times).unwrap_or(SPEEDS[0])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_go_from_a_tenth_to_the_highest() {
        assert_eq!(faster(Speed::Times(1.0)), Speed::Times(2.0));
        assert_eq!(faster(Speed::Times(3.0)), Speed::Times(5.0));
        assert_eq!(faster(Speed::Times(1e6)), Speed::Max);
        assert_eq!(slower(Speed::Max), Speed::Times(1000.0));
        assert_eq!(slower(Speed::Times(3.0)), Speed::Times(2.0));
        assert_eq!(slower(Speed::Times(0.1)), Speed::Times(0.1));
        assert_eq!([faster(Speed::Step), slower(Speed::Step)], [Speed::Times(1.0); 2]);
    }
}
