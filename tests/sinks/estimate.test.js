// Tokens that no API has told are estimated within a factor of two: measured against a tokenizer in use, in many languages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { spoken, tokensOf } from '../../pkg-template/api/records/estimate.js';

const source = (path) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8').slice(0, 6_000);

const TEXTS = {
  'English': 'The writer sat by the window and watched the clouds go by, while the children played in the snow outside. Nobody could have guessed that this afternoon would change everything.',
  'German': 'Der Schriftsteller saß am Fenster und betrachtete die vorüberziehenden Wolken, während draußen die Kinder im Schnee spielten. Niemand konnte ahnen, dass sich an diesem Nachmittag alles ändern würde.',
  'Spanish': 'El niño corrió hacia la orilla del río mientras su abuela preparaba la comida en la cocina. Nadie sabía que aquella tarde cambiaría la historia del pueblo para siempre.',
  'Russian': 'Наступила весна, в парке распустились цветы, дети бегали по траве, а старики сидели на скамейках и грелись на солнце. Никто не знал, что этот день изменит всё.',
  'Chinese': '春天来了，公园里的花都开了，孩子们在草地上奔跑，老人们坐在长椅上晒太阳。没有人知道这个下午会改变一切。人工智能正在改变我们的生活方式。',
  'Japanese': '春が来て、公園の花が咲き、子供たちは草の上を走り回り、老人たちはベンチで日向ぼっこをしている。この午後がすべてを変えることを誰も知らなかった。',
  'Korean': '봄이 오고 공원에는 꽃이 피었으며 아이들은 잔디밭에서 뛰어놀고 노인들은 벤치에 앉아 햇볕을 쬐고 있다. 이 오후가 모든 것을 바꿀 줄은 아무도 몰랐다.',
  'Arabic': 'جاء الربيع وتفتحت الأزهار في الحديقة وركض الأطفال على العشب وجلس كبار السن على المقاعد تحت أشعة الشمس.',
  'Hindi': 'वसंत आ गया है, पार्क में फूल खिल गए हैं, बच्चे घास पर दौड़ रहे हैं और बूढ़े लोग बेंचों पर बैठकर धूप सेंक रहे हैं।',
  'Thai': 'ฤดูใบไม้ผลิมาถึงแล้ว ดอกไม้ในสวนสาธารณะบานสะพรั่ง เด็กๆ วิ่งเล่นบนสนามหญ้า',
  'JavaScript': source('pkg-template/api/calls.js'),
  'Rust': source('src/engine/outcome.rs'),
  'JSON': source('tests/fixtures/responses/gemini-200-usage-with-thoughts.json'),
};

for (const [name, text] of Object.entries(TEXTS)) {
  test(`${name} is estimated within a factor of two`, () => {
    const [about, real] = [tokensOf(text), encode(text).length];
    assert.ok(about <= 2 * real && about >= real / 2, `estimated ${about}, counted ${real}`);
  });
}

describe('what is said', () => {
  const text = TEXTS.English;
  const real = encode(text).length;
  const documents = {
    'in a question to Gemini': [{ systemInstruction: { parts: [{ text }] }, contents: [{ role: 'user', parts: [{ text }] }], generationConfig: { responseMimeType: 'application/json' } }, 2],
    'in a question to OpenAI': [{ model: 'a-model-with-a-long-name', messages: [{ role: 'user', content: text }, { role: 'user', content: [{ type: 'text', text }] }] }, 2],
    'in a question to Anthropic': [{ system: text, messages: [{ role: 'user', content: text }] }, 2],
    'in texts to embed': [{ input: [text, text, text] }, 3],
    'in an answer of Gemini': [{ candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }], modelVersion: 'x' }, 1],
    'in an answer of OpenAI': [{ choices: [{ message: { role: 'assistant', content: text } }], system_fingerprint: 'f'.repeat(100) }, 1],
    'in an answer of Anthropic': [{ content: [{ type: 'text', text }], stop_reason: 'end_turn' }, 1],
  };
  for (const [name, [document, times]] of Object.entries(documents)) {
    test(`${name} is counted, and nothing else`, () => {
      for (const form of [document, JSON.stringify(document)]) {
        const about = spoken(form);
        assert.ok(about <= 2 * times * real && about >= (times * real) / 2, `estimated ${about}, said ${times * real}`);
      }
    });
  }

  test('is a picture, whatever its size', () => assert.equal(spoken({ contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'A'.repeat(100_000) } }] }] }), 258));
  test('is nothing in vectors', () => assert.equal(spoken({ data: [{ embedding: Array.from({ length: 3_000 }, () => 0.5) }] }), 0));
  test('is all of what is no JSON', () => assert.equal(spoken('Just words, and no document.'), tokensOf('Just words, and no document.')));
});
