mod bad_input;
mod config;
mod contract;
mod kratos;
mod own;
mod world;
