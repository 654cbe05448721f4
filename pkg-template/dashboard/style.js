// Style by constructed sheets: the one way that no policy of a page forbids. Parsed once for all elements.
import chart from '#uplot-style';
import main from './style.css';
import parts from './parts.css';
import projector from './projector.css';
import print from './print.css';

let sheets = null;

/** Gives a shadow root its style. */
export function dress(root) {
  if (sheets === null) {
    sheets = [chart, main, parts, projector, print].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
  }
  root.adoptedStyleSheets = sheets;
}
