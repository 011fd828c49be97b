/** Where the files of an app in an environment are, from the root of the repository. */
export interface OverlayPaths {
  /** Its existence says that the app is released to the environment. */
  overlay: string;
  /** Machine-owned: which images run. */
  images: string;
  /** Human-owned: keeps releases away. */
  hold: string;
}

/** Where the manifests of all apps are, from the root of the repository. */
export const appsFolder = "gitops/apps/";

/** The files that releases read and write. @param app a folder under gitops/apps @param environment as in slipway.yaml */
export function overlayPaths(app: string, environment: string): OverlayPaths {
  const folder = `${appsFolder}${app}/overlays/${environment}`;
  return {
    overlay: `${folder}/kustomization.yaml`,
    images: `${folder}/images/kustomization.yaml`,
    hold: `${folder}/hold.yaml`,
  };
}
