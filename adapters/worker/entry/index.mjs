// The Worker's entry: bindings, requests and clocks in; what the gate decides out. No decision is made here.

import { handle } from './loop.mjs';

export default {
  fetch: handle,
};
