export { measureRendering, type RenderingTimes } from "./measure-rendering.ts";
