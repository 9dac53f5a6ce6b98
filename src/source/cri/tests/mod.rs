mod captured;
mod machine;
mod queue;
mod world;
