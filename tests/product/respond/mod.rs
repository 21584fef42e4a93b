//! A driver responds to a cargo, follows the response and takes it back.
mod given;
mod seen;
mod withdrawn;

/// Room for what one driver alone would never do.
const ROOM: [(&str, &str); 2] = [("RATE_LIMIT_PER_S", "1000"), ("MISSES_PER_MIN", "6000")];
