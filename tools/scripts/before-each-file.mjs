// Runs before each test file. After a synchronous stat of a pipe or a socket, Node 20.20.2 does not follow
// pnpm's links when it next loads a package (`loadNative` of fs-kit): an earlier file may have left that behind.
import { statSync } from "node:fs";

statSync("/");
