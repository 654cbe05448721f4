// The choice of what is looked at: four radio buttons and a file, and the little picture in the corner.
import { Watch } from './sight/watch.js';

/** @param options of Watch, and `chose(name)` @returns `{ name, choose(name), mirror }` */
export function sights({ recogniser, seen, told, chose }) {
  const find = (id) => document.getElementById(id);
  const [figure, video, canvas] = ['seen', 'video', 'canvas'].map(find);
  const radios = [...document.querySelectorAll('[name="sight"]')];
  const watch = new Watch({ recogniser, video, canvas, seen, told, portrait: new URL('portrait.jpg', document.baseURI) });
  const chosen = {
    name: 'hand',
    choose(name, file) {
      if (name === chosen.name && file === undefined) return;
      chosen.name = name;
      for (const radio of radios) radio.checked = radio.value === name;
      figure.hidden = name === 'hand';
      video.hidden = name !== 'camera';
      canvas.hidden = name === 'camera';
      find('notice').textContent = '';
      chose(name);
      void watch.use(name, file);
    },
    set mirror(on) {
      watch.mirror = on;
      figure.toggleAttribute('data-mirror', on);
    },
  };
  figure.toggleAttribute('data-mirror', true);
  for (const radio of radios) radio.addEventListener('change', () => chosen.choose(radio.value));
  find('file').addEventListener('change', ({ target }) => {
    if (target.files.length > 0) chosen.choose('picture', target.files[0]);
    target.value = '';
  });
  return chosen;
}
