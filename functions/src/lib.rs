//! One module per Lambda function. Each has `handle`; the binaries in `src/bin` only wire it to the runtime.
