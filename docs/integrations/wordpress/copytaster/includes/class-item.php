<?php
/**
 * From a post to what the service calls an item.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Post;

defined( 'ABSPATH' ) || exit;

/** The fields of POST /v1/items; see docs/api.md. */
final class Item {

	/** The item of a stored post. */
	public static function of_post( WP_Post $post ) {
		return self::of( $post->ID, $post->to_array() );
	}

	/**
	 * The item of a post that may not be stored yet: $post_id is 0 then.
	 *
	 * @param int   $post_id The post.
	 * @param array $post    Fields as WP_Post has them, without slashes.
	 */
	public static function of( $post_id, array $post ) {
		$item = array(
			'id'         => $post_id ? self::id( $post_id ) : Settings::get( 'source' ) . '-' . wp_generate_uuid4(),
			'title'      => html_entity_decode( wp_strip_all_tags( $post['post_title'] ?? '' ), ENT_QUOTES | ENT_HTML5, 'UTF-8' ),
			'body'       => self::body( $post['post_content'] ?? '' ),
			'media_type' => 'text/html',
			'source'     => Settings::get( 'source' ),
			'language'   => get_bloginfo( 'language' ),
		);
		$published = $post['post_date_gmt'] ?? '';
		if ( '' !== $published && '0000-00-00 00:00:00' !== $published ) {
			$item['published'] = str_replace( ' ', 'T', $published ) . 'Z';
		}
		if ( $post_id ) {
			$item += self::whereabouts( $post_id );
		}
		/**
		 * Filters the item that is sent to copytaster, e.g. to add fields that a site keeps in post meta to its body.
		 *
		 * @param array $item    Fields of POST /v1/items.
		 * @param int   $post_id The post, or 0 before it is stored.
		 */
		return apply_filters( 'copytaster_item', $item, $post_id );
	}

	/** A name for the words of an item: it changes when title or text do. */
	public static function digest( array $item ) {
		return hash( 'sha256', $item['title'] . "\n" . $item['body'] );
	}

	/** The id that the service knows a post by; it stays although the site is given another name. */
	public static function id( $post_id ) {
		$stored = get_post_meta( $post_id, '_copytaster_item', true );
		return $stored ? (string) $stored : Settings::get( 'source' ) . '-' . $post_id;
	}

	/** Markup as a reader gets it, so far as that needs no theme: patterns are filled in, shortcodes are left out. */
	private static function body( $content ) {
		$content = self::with_patterns( $content, 3 );
		$content = strip_shortcodes( $content );
		return has_blocks( $content ) ? $content : wpautop( $content );
	}

	/** Content with the text of its reusable blocks, which else would be a place to hide a copy in. */
	private static function with_patterns( $content, $depth ) {
		if ( 0 === $depth ) {
			return $content;
		}
		return preg_replace_callback(
			'~<!-- wp:block \{[^}]*"ref":(\d+)[^}]*\} /-->~',
			function ( $found ) use ( $depth ) {
				$pattern = get_post( (int) $found[1] );
				return $pattern && 'wp_block' === $pattern->post_type ? self::with_patterns( $pattern->post_content, $depth - 1 ) : '';
			},
			$content
		);
	}

	/** Address and section of a stored post. */
	private static function whereabouts( $post_id ) {
		$found     = array();
		$permalink = get_permalink( $post_id );
		if ( $permalink ) {
			$found['url'] = $permalink;
		}
		$categories = get_the_category( $post_id );
		if ( $categories ) {
			$found['section'] = $categories[0]->slug;
		}
		return $found;
	}
}
