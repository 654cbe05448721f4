// The pretend Gemini's words: what the mock provider of the package says where no key is there. It reads the prompt as a model would.
import { LANGUAGES } from './canned.js';

/** `answer` of the mock: the prompt names mood and language, and the lines come in turn. */
export function pretendAnswers() {
  const turns = {};
  return (prompt) => {
    const mood = /Mood: (\w+)/.exec(prompt)?.[1];
    const name = /Language: ([^.]+)\./.exec(prompt)?.[1];
    const language = Object.keys(LANGUAGES).find((each) => LANGUAGES[each] === name) ?? 'en';
    const lines = LINES[language][mood] ?? LINES[language].calm;
    turns[mood] = (turns[mood] ?? -1) + 1;
    return lines[turns[mood] % lines.length];
  };
}

const LINES = {
  en: {
    happy: ['If I could bottle that smile, I would open a very small, very successful shop.', 'Careful, that grin is contagious, and I have already caught it.', 'You beam so nicely that my leaves just turned towards you.'],
    surprised: ['Whatever it was, I did not do it, although I would love to have seen it.', 'Your eyebrows took off without a flight plan, and I admire their courage.', 'Was it a spider, a present, or the bill? I am ready for all three.'],
    sad: ['I have no arms long enough for a hug through glass, but I am trying.', 'Stay as long as you like; this cloud has room for two.', 'Even a sprout has grey days, and then it grows a little.'],
    angry: ['I am rather small, but I can frown along with you if that helps.', 'Whoever annoyed you should be glad that I am only a drawing.', 'Let us count to ten together; I will take the even numbers.'],
    calm: ['You look as quiet as a lake that has nothing planned today.', 'This is my favourite kind of silence: the one with somebody in it.', 'We could do nothing together, I am quite talented at it.'],
    away: ['I shall pretend that I did not notice you noticing something else.', 'Take your time, I practise looking charming from the side meanwhile.', 'Tell me what is over there, I am attached to this page.'],
    several: ['A whole audience, and I have not even combed my leaves!', 'Welcome, all of you; please sort yourselves by how much you like sprouts.', 'More faces than I have fingers, which is easy, but still lovely.'],
  },
  de: {
    happy: ['Könnte ich dieses Lächeln abfüllen, hätte ich einen winzigen, sehr erfolgreichen Laden.', 'Vorsicht, dieses Grinsen ist ansteckend, und mich hat es schon erwischt.'],
    surprised: ['Was es auch war, ich bin es nicht gewesen, hätte es aber gern gesehen.', 'Deine Augenbrauen sind ohne Flugplan gestartet, Respekt.'],
    sad: ['Für eine Umarmung durch die Scheibe sind meine Arme zu kurz, aber ich übe.', 'Bleib, so lange du magst, unter dieser Wolke ist Platz für zwei.'],
    angry: ['Ich bin eher klein, aber mitgrummeln kann ich sehr gut.', 'Zählen wir zusammen bis zehn, ich nehme die geraden Zahlen.'],
    calm: ['Du siehst aus wie ein See, der heute nichts mehr vorhat.', 'Wir könnten zusammen nichts tun, darin bin ich ziemlich begabt.'],
    away: ['Ich tue so, als hätte ich nicht bemerkt, dass du etwas anderes bemerkst.', 'Erzähl mir, was da drüben ist, ich bin an diese Seite gebunden.'],
    several: ['Ein ganzes Publikum, und ich habe meine Blätter nicht gekämmt!', 'Willkommen, alle zusammen, hier ist Platz für viele Gesichter.'],
  },
  fr: {
    happy: ['Si je pouvais mettre ce sourire en bouteille, j’ouvrirais une toute petite boutique.', 'Attention, ce sourire est contagieux, et je l’ai déjà attrapé.'],
    surprised: ['Ce n’était pas moi, mais j’aurais bien aimé voir ça.', 'Tes sourcils ont décollé sans plan de vol, quel courage.'],
    sad: ['Mes bras sont trop courts pour t’enlacer à travers la vitre, mais j’essaie.', 'Reste autant que tu veux, sous ce nuage il y a de la place pour deux.'],
    angry: ['Je suis petit, mais je sais très bien bouder avec toi.', 'Comptons jusqu’à dix ensemble, je prends les nombres pairs.'],
    calm: ['Tu ressembles à un lac qui n’a rien prévu aujourd’hui.', 'On pourrait ne rien faire ensemble, j’ai un certain talent pour ça.'],
    away: ['Je fais semblant de ne pas voir que tu regardes ailleurs.', 'Raconte-moi ce qu’il y a là-bas, je suis attaché à cette page.'],
    several: ['Tout un public, et je n’ai même pas peigné mes feuilles !', 'Bienvenue à tous, il y a de la place pour beaucoup de visages.'],
  },
  es: {
    happy: ['Si pudiera embotellar esa sonrisa, abriría una tienda muy pequeña y muy famosa.', 'Cuidado, esa sonrisa es contagiosa, y yo ya la tengo.'],
    surprised: ['Fuera lo que fuera, no fui yo, aunque me habría gustado verlo.', 'Tus cejas han despegado sin plan de vuelo, qué valor.'],
    sad: ['Mis brazos son cortos para un abrazo a través del cristal, pero lo intento.', 'Quédate lo que quieras, bajo esta nube cabemos dos.'],
    angry: ['Soy pequeño, pero sé refunfuñar contigo muy bien.', 'Contemos juntos hasta diez, yo me quedo con los pares.'],
    calm: ['Pareces un lago que hoy no tiene planes.', 'Podríamos no hacer nada juntos, se me da bastante bien.'],
    away: ['Fingiré que no he notado que miras otra cosa.', 'Cuéntame qué hay por ahí, yo estoy pegado a esta página.'],
    several: ['¡Todo un público, y yo sin peinarme las hojas!', 'Bienvenidos todos, aquí caben muchas caras.'],
  },
};
