// The generated client as modules of Node, whose imports have a suffix; tests tell what to read and where to write.
export default { input: process.env.CARNET_DOCUMENT, output: { path: "carnet", module: { extension: ".js" } } };
