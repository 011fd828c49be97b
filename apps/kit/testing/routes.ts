import type { Express } from "express";

/** What Express keeps of a router, as far as it is read here. */
interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/** The routes that a service serves, as Express has them, for example `get /users/{id}`. */
export function mountedRoutes(app: Express): string[] {
  const walk = (stack: Layer[]): string[] =>
    stack.flatMap(({ route, handle }) =>
      route
        ? Object.keys(route.methods).map((method) => `${method} ${route.path.replace(/:(\w+)/g, "{$1}")}`)
        : walk(handle.stack ?? []),
    );
  return walk((app.router as unknown as { stack: Layer[] }).stack);
}

/** The routes that an OpenAPI document names, in the same words. */
export function documentedRoutes({ paths = {} }: { paths?: Record<string, object> }): string[] {
  return Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
}
