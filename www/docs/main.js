import '../common/page.js';
