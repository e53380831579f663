package dev.lifeboat.lab;

import dev.lifeboat.lab.engine.EmbeddedTemporal;
import dev.lifeboat.lab.engine.EnginePrograms;
import dev.lifeboat.lab.engine.MinioEngine;
import dev.lifeboat.lab.engine.RealTemporal;
import dev.lifeboat.lab.engine.S3Engine;
import dev.lifeboat.lab.engine.S3ProxyEngine;
import dev.lifeboat.lab.engine.TemporalEngine;
import java.nio.file.Path;
import java.util.Locale;

/** Which Temporal and which S3 store a lab has. */
public enum EngineChoice {
    /** Each real one that is installed. */
    AUTO,
    /** Both in the lab's own process; nothing needs to be installed. */
    EMBEDDED,
    /** The real servers; an error where they are not installed. */
    REAL;

    /** @throws IllegalArgumentException for any other word */
    public static EngineChoice parse(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** The one of the build: {@code embedded}, or {@code real} with {@code -Pengines}. */
    public static EngineChoice ofBuild() {
        return "real".equals(System.getProperty("lifeboat.engine")) ? REAL : EMBEDDED;
    }

    TemporalEngine temporal(Path folder) {
        boolean real = this == REAL || (this == AUTO && RealTemporal.isInstalled());
        return real ? RealTemporal.startIn(folder) : EmbeddedTemporal.start();
    }

    S3Engine s3(Path folder) {
        boolean real = this == REAL
                || (this == AUTO && EnginePrograms.ifInstalled("minio").isPresent());
        return real ? MinioEngine.startIn(folder) : S3ProxyEngine.startIn(folder);
    }
}
