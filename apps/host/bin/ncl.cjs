#!/usr/bin/env node
// CommonJS, as the bundle: Node 20.20 starts it 3 ms sooner than an ES module.
// eslint-disable-next-line @typescript-eslint/no-require-imports, no-undef -- so it is in CommonJS
require("../dist/ncl.cjs");
