package newsbeam.testnode;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerScope;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;

/**
 * Gives the minimal distribution what every full node has and newsbeam or its tests use: "GET /" (RootPlugin), Lucene's
 * analyzers under the names of the analysis-common module, and the three analysis parts without which Elasticsearch cannot
 * make its own ".security" index (API keys). For tests only: on a full node these names and routes would clash.
 */
public final class TestNodePlugin extends RootPlugin implements AnalysisPlugin {

    private static final Map<String, Supplier<Analyzer>> ANALYZERS = new HashMap<>();

    static {
        ANALYZERS.put("arabic", org.apache.lucene.analysis.ar.ArabicAnalyzer::new);
        ANALYZERS.put("armenian", org.apache.lucene.analysis.hy.ArmenianAnalyzer::new);
        ANALYZERS.put("basque", org.apache.lucene.analysis.eu.BasqueAnalyzer::new);
        ANALYZERS.put("bengali", org.apache.lucene.analysis.bn.BengaliAnalyzer::new);
        ANALYZERS.put("brazilian", org.apache.lucene.analysis.br.BrazilianAnalyzer::new);
        ANALYZERS.put("bulgarian", org.apache.lucene.analysis.bg.BulgarianAnalyzer::new);
        ANALYZERS.put("catalan", org.apache.lucene.analysis.ca.CatalanAnalyzer::new);
        ANALYZERS.put("cjk", org.apache.lucene.analysis.cjk.CJKAnalyzer::new);
        ANALYZERS.put("czech", org.apache.lucene.analysis.cz.CzechAnalyzer::new);
        ANALYZERS.put("danish", org.apache.lucene.analysis.da.DanishAnalyzer::new);
        ANALYZERS.put("dutch", org.apache.lucene.analysis.nl.DutchAnalyzer::new);
        ANALYZERS.put("english", org.apache.lucene.analysis.en.EnglishAnalyzer::new);
        ANALYZERS.put("estonian", org.apache.lucene.analysis.et.EstonianAnalyzer::new);
        ANALYZERS.put("finnish", org.apache.lucene.analysis.fi.FinnishAnalyzer::new);
        ANALYZERS.put("french", org.apache.lucene.analysis.fr.FrenchAnalyzer::new);
        ANALYZERS.put("galician", org.apache.lucene.analysis.gl.GalicianAnalyzer::new);
        ANALYZERS.put("german", org.apache.lucene.analysis.de.GermanAnalyzer::new);
        ANALYZERS.put("greek", org.apache.lucene.analysis.el.GreekAnalyzer::new);
        ANALYZERS.put("hindi", org.apache.lucene.analysis.hi.HindiAnalyzer::new);
        ANALYZERS.put("hungarian", org.apache.lucene.analysis.hu.HungarianAnalyzer::new);
        ANALYZERS.put("indonesian", org.apache.lucene.analysis.id.IndonesianAnalyzer::new);
        ANALYZERS.put("irish", org.apache.lucene.analysis.ga.IrishAnalyzer::new);
        ANALYZERS.put("italian", org.apache.lucene.analysis.it.ItalianAnalyzer::new);
        ANALYZERS.put("latvian", org.apache.lucene.analysis.lv.LatvianAnalyzer::new);
        ANALYZERS.put("lithuanian", org.apache.lucene.analysis.lt.LithuanianAnalyzer::new);
        ANALYZERS.put("norwegian", org.apache.lucene.analysis.no.NorwegianAnalyzer::new);
        ANALYZERS.put("persian", org.apache.lucene.analysis.fa.PersianAnalyzer::new);
        ANALYZERS.put("portuguese", org.apache.lucene.analysis.pt.PortugueseAnalyzer::new);
        ANALYZERS.put("romanian", org.apache.lucene.analysis.ro.RomanianAnalyzer::new);
        ANALYZERS.put("russian", org.apache.lucene.analysis.ru.RussianAnalyzer::new);
        ANALYZERS.put("serbian", org.apache.lucene.analysis.sr.SerbianAnalyzer::new);
        ANALYZERS.put("sorani", org.apache.lucene.analysis.ckb.SoraniAnalyzer::new);
        ANALYZERS.put("spanish", org.apache.lucene.analysis.es.SpanishAnalyzer::new);
        ANALYZERS.put("swedish", org.apache.lucene.analysis.sv.SwedishAnalyzer::new);
        ANALYZERS.put("thai", org.apache.lucene.analysis.th.ThaiAnalyzer::new);
        ANALYZERS.put("turkish", org.apache.lucene.analysis.tr.TurkishAnalyzer::new);
    }

    @Override
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> providers = new HashMap<>();
        ANALYZERS.forEach((language, make) -> providers.put(language, (index, env, name, settings) -> new Ready(name, make.get())));
        return providers;
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of("uax_url_email", (index, env, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
            "unique", (index, env, name, settings) -> new Filter(name, RemoveDuplicatesTokenFilter::new),
            "pattern_capture", AnalysisPlugin.requiresAnalysisSettings((index, env, name, settings) -> {
                Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
                boolean keepOriginal = settings.getAsBoolean("preserve_original", true);
                return new Filter(name, tokens -> new PatternCaptureGroupTokenFilter(tokens, keepOriginal, patterns));
            })
        );
    }

    private record Filter(String name, UnaryOperator<TokenStream> wrap) implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream tokens) {
            return wrap.apply(tokens);
        }
    }

    private record Ready(String name, Analyzer get) implements AnalyzerProvider<Analyzer> {
        @Override
        public AnalyzerScope scope() {
            return AnalyzerScope.INDEX;
        }
    }
}
