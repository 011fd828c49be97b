import { Component, input } from "@angular/core";
import type { DeliveredImage } from "@slipway/contract";
import { ShortenPipe } from "@slipway/ui/format/pipes";
import { Badge } from "@slipway/ui/states/badge";
import { imageLooks } from "../shared/words";
import { texts } from "./texts";

/** The images of a delivery: which were built, and which the registry had already under the same content key. */
@Component({
  selector: "app-image-list",
  imports: [Badge, ShortenPipe],
  host: { class: "card scroll", tabindex: "0", role: "region", "[attr.aria-label]": "t.images.caption" },
  template: `
    <table class="data">
      <caption class="visually-hidden">
        {{
          t.images.caption
        }}
      </caption>
      <thead>
        <tr>
          <th scope="col">{{ t.images.image }}</th>
          <th scope="col">{{ t.column.outcome }}</th>
          <th scope="col">{{ t.images.key }}</th>
        </tr>
      </thead>
      <tbody>
        @for (image of images(); track image.name) {
          <tr>
            <th scope="row">{{ image.name }}</th>
            <td><ui-badge [look]="looks[image.outcome]" /></td>
            <td>
              <code [title]="image.contentKey">{{ image.contentKey | shorten }}</code>
            </td>
          </tr>
        }
      </tbody>
    </table>
  `,
  styles: `
    :host {
      display: block;
    }
  `,
})
export class ImageList {
  protected readonly t = texts;
  readonly images = input.required<readonly DeliveredImage[]>();
  protected readonly looks = imageLooks;
}
