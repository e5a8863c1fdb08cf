export { registryProblems } from "./registry-problems.ts";
