import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.facet.FacetResult;
import org.apache.lucene.facet.Facets;
import org.apache.lucene.facet.FacetsCollector;
import org.apache.lucene.facet.FacetsConfig;
import org.apache.lucene.facet.LabelAndValue;
import org.apache.lucene.facet.sortedset.DefaultSortedSetDocValuesReaderState;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesFacetCounts;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesFacetField;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesReaderState;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;

/**
 * Lucene for the bench: reads commands from standard input, one per line, and answers each with a line on standard
 * output.
 *
 * <p>Commands: {@code build FILE FIRST COUNT}, {@code open}, {@code ask MODE KIND SOURCE TERMS}, {@code close},
 * separated by tabs. Answers begin with {@code ok} and the nanoseconds that the work took in this process (of
 * {@code ask}: wall-clock time, then processor time), or with {@code error}.
 */
public final class Runner {
  private static final int HITS = 10;
  private static final int FACET_VALUES = 65_000;
  private static final double MEMORY_MB = 256;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final String ITEM = "\u001e";
  private static final String PART = "\u001f";

  private final Directory directory;
  private final WhitespaceAnalyzer analyzer = new WhitespaceAnalyzer();
  private final FacetsConfig facets = new FacetsConfig();
  private final FieldType body = new FieldType(TextField.TYPE_STORED);
  private DirectoryReader reader;
  private IndexSearcher searcher;
  private SortedSetDocValuesReaderState state;

  private Runner(Path folder) throws IOException {
    directory = new MMapDirectory(folder);
    // with offsets, so that the highlighter does not analyse the text again: Lucene's fastest way to a snippet
    body.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS_AND_OFFSETS);
    body.freeze();
  }

  public static void main(String[] arguments) throws IOException {
    Runner runner = new Runner(Path.of(arguments[0]));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("ok\t" + org.apache.lucene.util.Version.LATEST + "\t" + System.getProperty("java.version"));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        out.println("ok\t" + runner.execute(line.split("\t", -1)));
      } catch (IOException | RuntimeException error) {
        out.println("error\t" + error.toString().replaceAll("\\s+", " "));
      }
    }
  }

  private String execute(String[] command) throws IOException {
    switch (command[0]) {
      case "build":
        return Long.toString(build(Path.of(command[1]), Integer.parseInt(command[2]), Integer.parseInt(command[3])));
      case "open":
        return Long.toString(open());
      case "ask":
        return ask(command[1], query(command[2], command[3], command[4].split(" ")));
      case "close":
        close();
        return "0";
      default:
        throw new IllegalArgumentException(command[0] + " is not a command");
    }
  }

  /** Adds articles as one commit; reading them from the file is not part of the time. */
  private long build(Path file, int first, int count) throws IOException {
    long taken = -System.nanoTime();
    IndexWriterConfig config = new IndexWriterConfig(analyzer).setRAMBufferSizeMB(MEMORY_MB);
    try (IndexWriter writer = new IndexWriter(directory, config);
        BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      taken += System.nanoTime();
      for (int number = 0; number < first; number++) {
        lines.readLine();
      }
      taken -= System.nanoTime();
      for (int number = 0; number < count; number++) {
        taken += System.nanoTime();
        String[] article = lines.readLine().split("\t", -1);
        taken -= System.nanoTime();
        Document document = new Document();
        document.add(new StringField("id", article[0], Field.Store.YES));
        document.add(new StringField("source", article[1], Field.Store.NO));
        document.add(new SortedSetDocValuesFacetField("source", article[1]));
        document.add(new SortedSetDocValuesFacetField("day", article[2]));
        document.add(new Field("body", article[3], body));
        writer.addDocument(facets.build(document));
      }
      writer.commit();
    }
    return taken + System.nanoTime();
  }

  private long open() throws IOException {
    long began = System.nanoTime();
    DirectoryReader newest = reader == null ? DirectoryReader.open(directory) : DirectoryReader.openIfChanged(reader);
    if (newest != null) {
      if (reader != null) {
        reader.close();
      }
      reader = newest;
      searcher = new IndexSearcher(reader);
      state = new DefaultSortedSetDocValuesReaderState(reader, facets);
    }
    return System.nanoTime() - began;
  }

  private void close() throws IOException {
    if (reader != null) {
      reader.close();
    }
    reader = null;
  }

  private static Query query(String kind, String source, String[] terms) {
    if (kind.equals("phrase")) {
      return new PhraseQuery("body", terms);
    }
    if (kind.equals("prefix")) {
      return new PrefixQuery(new Term("body", terms[0]));
    }
    if (terms.length == 1 && !kind.equals("filter")) {
      return new TermQuery(new Term("body", terms[0]));
    }
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    for (String term : terms) {
      BooleanClause.Occur occur = kind.equals("or") ? BooleanClause.Occur.SHOULD : BooleanClause.Occur.MUST;
      builder.add(new TermQuery(new Term("body", term)), occur);
    }
    if (kind.equals("filter")) {
      builder.add(new TermQuery(new Term("source", source)), BooleanClause.Occur.FILTER);
    }
    return builder.build();
  }

  private String ask(String mode, Query query) throws IOException {
    long processor = THREADS.getCurrentThreadCpuTime();
    long began = System.nanoTime();
    if (mode.equals("a")) {
      TopDocs best = searcher.search(query, HITS);
      return String.join("\t", since(began, processor), "", "", "", scores(best), "");
    }
    FacetsCollector collector = new FacetsCollector();
    TopDocs best = FacetsCollector.search(searcher, query, HITS, collector);
    Facets counted = new SortedSetDocValuesFacetCounts(state, collector);
    FacetResult sources = counted.getTopChildren(FACET_VALUES, "source");
    FacetResult days = counted.getTopChildren(FACET_VALUES, "day");
    String[] snippets = {};
    if (mode.equals("c") && best.scoreDocs.length > 0) {
      snippets = UnifiedHighlighter.builder(searcher, analyzer).build().highlight("body", query, best, 1);
    }
    return String.join(
        "\t",
        since(began, processor),
        Long.toString(sources == null ? 0 : sources.value.longValue()),
        values(sources),
        values(days),
        scores(best),
        String.join(ITEM, snippets));
  }

  /** Returns the nanoseconds since then, in wall-clock time and in processor time. */
  private static String since(long began, long processor) {
    long taken = System.nanoTime() - began;
    return taken + "\t" + (THREADS.getCurrentThreadCpuTime() - processor);
  }

  private static String scores(TopDocs best) {
    List<String> scores = new ArrayList<>();
    for (ScoreDoc hit : best.scoreDocs) {
      scores.add(Float.toString(hit.score));
    }
    return String.join(ITEM, scores);
  }

  private static String values(FacetResult result) {
    List<String> values = new ArrayList<>();
    if (result != null) {
      for (LabelAndValue value : result.labelValues) {
        values.add(value.label + PART + value.value);
      }
    }
    return String.join(ITEM, values);
  }
}
