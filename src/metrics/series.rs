//! The series of one family: values by their labels, a bounded number of them for each kind.

use smol_str::SmolStr;
use std::collections::HashMap;

/// Most series of a family for each value of its first label.
const MOST: usize = 2000;

/// Values by their labels.
#[derive(Debug)]
pub(super) struct Series<const LABELS: usize, V> {
    places: HashMap<[SmolStr; LABELS], usize>,
    values: Vec<([SmolStr; LABELS], V)>,
    /// The number of series for each value of the first label.
    by_first: HashMap<SmolStr, usize>,
}

impl<const LABELS: usize, V> Default for Series<LABELS, V> {
    fn default() -> Self {
        Self { places: HashMap::new(), values: Vec::new(), by_first: HashMap::new() }
    }
}

impl<const LABELS: usize, V> Series<LABELS, V> {
    /// The place of a series, which is made if it is new; beyond the bound it is that of `beyond`, of which there must
    /// be few.
    pub(super) fn place(
        &mut self,
        labels: [SmolStr; LABELS],
        beyond: impl FnOnce([SmolStr; LABELS]) -> [SmolStr; LABELS],
        new: impl FnOnce() -> V,
    ) -> usize {
        if let Some(place) = self.places.get(&labels) {
            return *place;
        }
        let of_first = self.by_first.entry(labels[0].clone()).or_default();
        let labels = if *of_first < MOST {
            *of_first += 1;
            labels
        } else {
            beyond(labels)
        };
        *self.places.entry(labels.clone()).or_insert_with(|| {
            self.values.push((labels, new()));
            self.values.len() - 1
        })
    }

    /// The value at a place.
    pub(super) fn at(&mut self, place: usize) -> &mut V {
        &mut self.values[place].1
    }

    /// All series.
    pub(super) fn all(&self) -> impl Iterator<Item = (&[SmolStr; LABELS], &V)> {
        self.values.iter().map(|(labels, value)| (labels, value))
    }

    /// All values, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut().map(|(_, value)| value)
    }
}
