//! A wasm module with its functions in another order, and everything that names one of them by number told so.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef,
};

use crate::order;

/// The module, ordered for gzip.
pub(crate) fn for_gzip(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let (imported, bodies) = functions(wasm).map_err(|error| error.to_string())?;
    let order = order::alike(&bodies);
    let mut place = vec![0; order.len()];
    for (new, old) in (0..).zip(&order) {
        place[*old] = new;
    }
    let mut module = Module::new();
    Ordered {
        imported,
        order,
        place,
    }
    .parse_core_module(&mut module, Parser::new(0), wasm)
    .map_err(|error| error.to_string())?;
    Ok(module.finish())
}

/// How many functions are imported, and the bytes of the others.
fn functions(wasm: &[u8]) -> wasmparser::Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    Ok((imported, bodies))
}

/// Writes the parts of a module as they are, but for the functions' places.
struct Ordered {
    /// Imported functions come first in the numbering and stay.
    imported: u32,
    /// New place to old place, behind the imported ones.
    order: Vec<usize>,
    /// Old place to new place.
    place: Vec<u32>,
}

impl Ordered {
    fn arranged<T: Clone>(&self, given: &[T]) -> Vec<T> {
        self.order
            .iter()
            .filter_map(|old| given.get(*old).cloned())
            .collect()
    }
}

impl Reencode for Ordered {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Self::Error>> {
        let local = function
            .checked_sub(self.imported)
            .map(|local| self.place[local as usize]);
        Ok(local.map_or(function, |place| self.imported + place))
    }

    /// What is neither code nor data: who compiled it, with which features. No host reads it.
    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: CustomSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let types: Vec<u32> = section.into_iter().collect::<wasmparser::Result<_>>()?;
        for index in self.arranged(&types) {
            functions.function(self.type_index(index)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let bodies: Vec<FunctionBody<'_>> = section.into_iter().collect::<wasmparser::Result<_>>()?;
        for body in self.arranged(&bodies) {
            utils::parse_function_body(self, code, body)?;
        }
        Ok(())
    }
}
