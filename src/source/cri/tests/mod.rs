//! The machine by hand.
