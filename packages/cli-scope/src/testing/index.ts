export { type DecideTimes, measureDecide } from "./measure-decide.ts";
export { registryProblems } from "./registry-problems.ts";
