// Lines that are there at once, before Gemini's; and what the sign says. By language, then by mood.

/** Languages that the lines can have, by what they call themselves. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español' };

export const CANNED = {
  en: {
    happy: ['Oh, that smile! Hold it for a second …', 'Now the whole room is brighter.'],
    surprised: ['Whoa! What happened?', 'Your eyebrows just said everything.'],
    sad: ['Hey. I am right here with you.', 'A small cloud? Come, we share it.'],
    angry: ['Deep breath. I breathe along.', 'I see thunder. Who do we glare at?'],
    calm: ['Nice and calm. I like that.', 'Just the two of us, and time.'],
    away: ['Is there something interesting over there?', 'Psst. I am over here!'],
    several: ['Company! Hello, everyone!', 'So many faces, and I only have two eyes.'],
    nobody: ['Zzz … nobody here … zzz …', 'A little nap until somebody comes.'],
    day: ['That was all I had to say for today. I still watch you, though.'],
    trouble: ['My words do not get through just now. I try again by myself.'],
    keys: ['This key does not open the door. Could you check it?'],
  },
  de: {
    happy: ['Oh, dieses Lächeln! Halt es kurz fest …', 'Jetzt ist der ganze Raum heller.'],
    surprised: ['Huch! Was ist passiert?', 'Deine Augenbrauen haben alles gesagt.'],
    sad: ['Hey. Ich bin hier bei dir.', 'Eine kleine Wolke? Komm, wir teilen sie uns.'],
    angry: ['Tief durchatmen. Ich atme mit.', 'Da donnert es. Wen gucken wir böse an?'],
    calm: ['Schön ruhig. Das mag ich.', 'Nur wir zwei und ganz viel Zeit.'],
    away: ['Gibt es da drüben etwas Spannendes?', 'Psst. Hier bin ich!'],
    several: ['Besuch! Hallo zusammen!', 'So viele Gesichter, und ich habe nur zwei Augen.'],
    nobody: ['Zzz … niemand da … zzz …', 'Ein Nickerchen, bis jemand kommt.'],
    day: ['Für heute habe ich alles gesagt. Zuschauen kann ich aber noch.'],
    trouble: ['Meine Worte kommen gerade nicht durch. Ich versuche es gleich noch einmal.'],
    keys: ['Dieser Schlüssel passt nicht. Schaust du noch einmal nach?'],
  },
  fr: {
    happy: ['Oh, ce sourire ! Garde-le une seconde …', 'Voilà toute la pièce plus claire.'],
    surprised: ['Oh là ! Que s’est-il passé ?', 'Tes sourcils ont tout dit.'],
    sad: ['Hé. Je suis là, avec toi.', 'Un petit nuage ? Viens, on le partage.'],
    angry: ['On respire. Je respire avec toi.', 'Ça gronde. Qui est-ce qu’on fusille du regard ?'],
    calm: ['Tout calme. J’aime bien.', 'Rien que nous deux, et du temps.'],
    away: ['Il y a quelque chose d’intéressant là-bas ?', 'Psst. Je suis ici !'],
    several: ['Du monde ! Bonjour tous !', 'Tant de visages, et je n’ai que deux yeux.'],
    nobody: ['Zzz … personne … zzz …', 'Une petite sieste en attendant quelqu’un.'],
    day: ['J’ai tout dit pour aujourd’hui. Mais je te regarde encore.'],
    trouble: ['Mes mots ne passent pas pour l’instant. Je réessaie tout seul.'],
    keys: ['Cette clé n’ouvre pas la porte. Tu veux bien vérifier ?'],
  },
  es: {
    happy: ['¡Ay, esa sonrisa! Aguántala un segundo …', 'Ahora toda la sala brilla más.'],
    surprised: ['¡Uy! ¿Qué ha pasado?', 'Tus cejas lo han dicho todo.'],
    sad: ['Oye. Estoy aquí contigo.', '¿Una nubecita? Ven, la compartimos.'],
    angry: ['Respira hondo. Yo respiro contigo.', 'Truena por ahí. ¿A quién miramos mal?'],
    calm: ['Qué tranquilidad. Me gusta.', 'Solo tú y yo, y tiempo.'],
    away: ['¿Hay algo interesante por ahí?', 'Psst. ¡Estoy aquí!'],
    several: ['¡Visita! ¡Hola a todos!', 'Tantas caras, y yo solo tengo dos ojos.'],
    nobody: ['Zzz … no hay nadie … zzz …', 'Una siestecita hasta que venga alguien.'],
    day: ['Por hoy ya lo he dicho todo. Pero te sigo mirando.'],
    trouble: ['Mis palabras no llegan ahora mismo. Lo intento otra vez yo solo.'],
    keys: ['Esta llave no abre la puerta. ¿La miras otra vez?'],
  },
};

/** What stands on the sign, over the time. */
export const SIGNS = {
  en: { words: 'my next words', day: 'all said for today', back: 'back at', trouble: 'I try again', keys: 'wrong key', seconds: 'in {} s', minutes: 'in {} min', soon: 'any moment' },
  de: { words: 'meine nächsten Worte', day: 'für heute alles gesagt', back: 'ab', trouble: 'neuer Versuch', keys: 'falscher Schlüssel', seconds: 'in {} s', minutes: 'in {} min', soon: 'gleich' },
  fr: { words: 'mes prochains mots', day: 'tout dit pour aujourd’hui', back: 'dès', trouble: 'je réessaie', keys: 'mauvaise clé', seconds: 'dans {} s', minutes: 'dans {} min', soon: 'bientôt' },
  es: { words: 'mis próximas palabras', day: 'por hoy, todo dicho', back: 'a las', trouble: 'lo reintento', keys: 'llave errónea', seconds: 'en {} s', minutes: 'en {} min', soon: 'enseguida' },
};

/** One of the lines, in turn. */
export function cannedLine(language, name, turn) {
  const lines = CANNED[language][name];
  return lines[turn % lines.length];
}

/** What the sign says of an instant: seconds while that is short, a time of day where it is long. */
export function signTime(language, until, now) {
  const words = SIGNS[language];
  if (until === null) return words.soon;
  const seconds = Math.ceil((until - now) / 1000);
  if (seconds <= 0) return words.soon;
  if (seconds < 100) return words.seconds.replace('{}', seconds);
  if (seconds < 50 * 60) return words.minutes.replace('{}', Math.ceil(seconds / 60));
  return `${words.back} ${new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(until)}`;
}
