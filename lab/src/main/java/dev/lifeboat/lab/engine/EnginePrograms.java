package dev.lifeboat.lab.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where {@code engines/install.sh} puts the real servers. */
public final class EnginePrograms {

    private EnginePrograms() {}

    /** The folder of {@code LIFEBOAT_ENGINES}, else the one in the user's cache. */
    public static Path folder() {
        Map<String, String> environment = System.getenv();
        String named = environment.get("LIFEBOAT_ENGINES");
        if (named != null && !named.isEmpty()) {
            return Path.of(named);
        }
        String cache = environment.get("XDG_CACHE_HOME");
        Path root =
                cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return root.resolve("lifeboat/engines");
    }

    public static Optional<Path> ifInstalled(String name) {
        return Optional.of(folder().resolve(name)).filter(Files::isExecutable);
    }

    /** @throws IllegalStateException with the command that installs it */
    public static Path find(String name) {
        return ifInstalled(name)
                .orElseThrow(() -> new IllegalStateException(
                        "there is no program '%s' in %s; engines/install.sh puts it there".formatted(name, folder())));
    }
}
