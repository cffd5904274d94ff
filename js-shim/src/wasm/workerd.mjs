// Cloudflare's runtime: an import of wasm is a compiled module.
import wasm from './edgeward.wasm';

export const module = () => wasm;
