import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.index.mapper.MapperExtrasPlugin;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One OpenSearch node in its own process, so that each node of a cluster can be killed separately.
 *
 * <p>Arguments are settings, {@code name=value}, with commas between the values of a list; {@code path.home} is required.
 * With {@code --until-stdin-ends} before them, the process ends when its standard input is closed.
 */
public final class LocalNode extends Node {
    /** The modules of the official distribution that Judhur needs. */
    private static final Collection<Class<? extends Plugin>> MODULES = List.of(
        Netty4Plugin.class, CommonAnalysisPlugin.class, MapperExtrasPlugin.class, ReindexPlugin.class, PainlessPlugin.class);

    private LocalNode(Environment environment) {
        super(environment, MODULES, true);
    }

    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder();
        for (String argument : arguments) {
            if (argument.equals("--until-stdin-ends")) {
                endWithStandardInput();
                continue;
            }
            String[] pair = argument.split("=", 2);
            if (pair[1].contains(",")) {
                settings.putList(pair[0], pair[1].split(","));
            } else {
                settings.put(pair[0], pair[1]);
            }
        }
        Path configuration = Files.createDirectories(Path.of(settings.get("path.home"), "config"));
        LocalNode node = new LocalNode(
            InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), configuration, () -> "unnamed"));
        node.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
        }));
        new CountDownLatch(1).await(); // the threads of a node are daemons
    }

    private static void endWithStandardInput() {
        Thread watch = new Thread(() -> {
            try (InputStream input = System.in) {
                while (input.read() >= 0) { }
            } catch (java.io.IOException error) {
                // treated as the end of the input
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
    }
}
