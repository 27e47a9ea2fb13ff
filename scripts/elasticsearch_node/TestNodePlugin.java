package newsbeam.testnode;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerScope;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;

/**
 * Gives the minimal distribution what every full node has and newsbeam or its tests use: "GET /", Lucene's analyzers under
 * the names of the analysis-common module, and the three analysis parts without which Elasticsearch cannot make its own
 * ".security" index (API keys). For tests only: on a full node these names and routes would clash.
 */
public final class TestNodePlugin extends Plugin implements ActionPlugin, AnalysisPlugin {

    private static final Map<String, Supplier<Analyzer>> ANALYZERS = new HashMap<>();

    static {
        ANALYZERS.put("arabic", org.apache.lucene.analysis.ar.ArabicAnalyzer::new);
        ANALYZERS.put("dutch", org.apache.lucene.analysis.nl.DutchAnalyzer::new);
        ANALYZERS.put("english", org.apache.lucene.analysis.en.EnglishAnalyzer::new);
        ANALYZERS.put("french", org.apache.lucene.analysis.fr.FrenchAnalyzer::new);
        ANALYZERS.put("german", org.apache.lucene.analysis.de.GermanAnalyzer::new);
        ANALYZERS.put("italian", org.apache.lucene.analysis.it.ItalianAnalyzer::new);
        ANALYZERS.put("portuguese", org.apache.lucene.analysis.pt.PortugueseAnalyzer::new);
        ANALYZERS.put("russian", org.apache.lucene.analysis.ru.RussianAnalyzer::new);
        ANALYZERS.put("spanish", org.apache.lucene.analysis.es.SpanishAnalyzer::new);
        ANALYZERS.put("turkish", org.apache.lucene.analysis.tr.TurkishAnalyzer::new);
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
        Settings settings,
        NamedWriteableRegistry writeables,
        RestController controller,
        ClusterSettings clusterSettings,
        IndexScopedSettings indexSettings,
        SettingsFilter filter,
        IndexNameExpressionResolver names,
        Supplier<DiscoveryNodes> nodes,
        Predicate<NodeFeature> features
    ) {
        return List.of(new RootHandler());
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
