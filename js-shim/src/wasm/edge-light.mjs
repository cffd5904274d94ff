// Next.js' edge runtime and Vercel: the module comes compiled, inlined bytes are refused there.
import wasm from './edgeward.wasm?module';

export const module = () => wasm;
