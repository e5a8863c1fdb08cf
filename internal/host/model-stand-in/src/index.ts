export type { ApiName, ModelReply, ModelRequest, OfferedTool, Said } from "./model-apis.ts";
export { serveModels, serveModelStandIn, type AskedModel, type ModelStandIn } from "./model-stand-in.ts";
export { shellCall } from "./shell-tool.ts";
