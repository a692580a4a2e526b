import java.io.PrintWriter;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.rest.RESTCatalog;

/**
 * Reads tables with Iceberg's Java library, the strictest reader, and writes one line a row: the table's name and the
 * asked columns, parted by tabs. Arguments: catalog URI, S3 endpoint or "-", namespace, output file, then TABLE:COL,COL...
 */
public class ReadBack {
  public static void main(String[] args) throws Exception {
    Map<String, String> properties = new HashMap<>();
    properties.put("uri", args[0]);
    if (!args[1].equals("-")) {
      properties.put("io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
      properties.put("s3.endpoint", args[1]);
      properties.put("s3.path-style-access", "true");
      properties.put("s3.access-key-id", "minioadmin");
      properties.put("s3.secret-access-key", "minioadmin");
      properties.put("client.region", "us-east-1");
    }
    try (RESTCatalog catalog = new RESTCatalog(); PrintWriter out = new PrintWriter(args[3], "UTF-8")) {
      catalog.initialize("lake", properties);
      for (int i = 4; i < args.length; i++) {
        String name = args[i].substring(0, args[i].indexOf(':'));
        String[] columns = args[i].substring(args[i].indexOf(':') + 1).split(",");
        Table table = catalog.loadTable(TableIdentifier.of(Namespace.of(args[2]), name));
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
          for (Record row : rows) {
            List<String> cells = new ArrayList<>();
            cells.add(name);
            for (String column : columns) {
              cells.add(text(row.getField(column)));
            }
            out.println(String.join("\t", cells));
          }
        }
      }
    }
  }

  private static String text(Object value) {
    if (value instanceof LocalDateTime time) {
      return Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, time.toInstant(ZoneOffset.UTC)));
    }
    return value == null ? "\\N" : value.toString();
  }
}
