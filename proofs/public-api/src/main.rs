//! Lists the public items of a crate, one a line, from the JSON that rustdoc made of it.

#![forbid(unsafe_code)]

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let json = env::args().nth(1).ok_or("say which file: list-public-api RUSTDOC.json")?;
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_auto_trait_impls(true)
        .omit_blanket_impls(true)
        .build()?;
    for item in api.items() {
        println!("{item}");
    }
    Ok(())
}
